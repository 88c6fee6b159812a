-- Disable the enforcement of foreign-keys constraints
PRAGMA foreign_keys = off;
-- Create index "enrolment_deadline" to table: "enrolments"
CREATE INDEX `enrolment_deadline` ON `enrolments` (`deadline_at`) WHERE deadline_at is not null;
-- Add column "seat_changed_at" to table: "runs"
ALTER TABLE `runs` ADD COLUMN `seat_changed_at` datetime NULL;
-- Add column "withdraw_until" to table: "runs"
ALTER TABLE `runs` ADD COLUMN `withdraw_until` datetime NULL;
-- Create "new_seat_pools" table
CREATE TABLE `new_seat_pools` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `country` text NOT NULL DEFAULT (''), `size` integer NOT NULL, `taken` integer NOT NULL DEFAULT (0), `waiting` integer NOT NULL DEFAULT (0), `told` integer NOT NULL DEFAULT (0), `releases_at` datetime NULL, `released_at` datetime NULL, `suspended_at` datetime NULL, `run_id` integer NOT NULL, CONSTRAINT `seat_pools_runs_pools` FOREIGN KEY (`run_id`) REFERENCES `runs` (`id`) ON DELETE NO ACTION, CONSTRAINT `seat_pool_never_one_too_many` CHECK (0 <= taken and taken <= size), CONSTRAINT `seat_pool_waiting` CHECK (waiting >= 0));
-- Copy rows from old table "seat_pools" to new temporary table "new_seat_pools"
INSERT INTO `new_seat_pools` (`id`, `country`, `size`, `taken`, `waiting`, `releases_at`, `released_at`, `suspended_at`, `run_id`) SELECT `id`, `country`, `size`, `taken`, `waiting`, `releases_at`, `released_at`, `suspended_at`, `run_id` FROM `seat_pools`;
-- Drop "seat_pools" table after copying rows
DROP TABLE `seat_pools`;
-- Rename temporary table "new_seat_pools" to "seat_pools"
ALTER TABLE `new_seat_pools` RENAME TO `seat_pools`;
-- Create index "seatpool_run_id_country" to table: "seat_pools"
CREATE UNIQUE INDEX `seatpool_run_id_country` ON `seat_pools` (`run_id`, `country`);
-- Create index "seatpool_released_at_releases_at" to table: "seat_pools"
CREATE INDEX `seatpool_released_at_releases_at` ON `seat_pools` (`released_at`, `releases_at`);
-- Create index "seat_pool_waited_for" to table: "seat_pools"
CREATE INDEX `seat_pool_waited_for` ON `seat_pools` (`run_id`) WHERE waiting > 0;
-- Enable back the enforcement of foreign-keys constraints
PRAGMA foreign_keys = on;
