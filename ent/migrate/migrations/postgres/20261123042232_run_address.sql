-- Modify "runs" table
ALTER TABLE "runs" ADD COLUMN "address" character varying NULL;
