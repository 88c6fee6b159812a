-- Add column "address" to table: "runs"
ALTER TABLE `runs` ADD COLUMN `address` text NULL;
