-- Add column "valid_months" to table: "courses"
ALTER TABLE `courses` ADD COLUMN `valid_months` integer NULL;
-- Create "certificate_files" table
CREATE TABLE `certificate_files` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `kind` text NOT NULL, `language` text NOT NULL, `bytes` blob NOT NULL, `sha256` text NOT NULL, `sealed_by` text NOT NULL, `made_at` datetime NOT NULL, `certificate_id` integer NOT NULL, CONSTRAINT `certificate_files_certificates_certificate` FOREIGN KEY (`certificate_id`) REFERENCES `certificates` (`id`) ON DELETE NO ACTION, CONSTRAINT `certificate_file_kind` CHECK (kind in ('pdf', 'badge')));
-- Create index "certificate_file_once" to table: "certificate_files"
CREATE UNIQUE INDEX `certificate_file_once` ON `certificate_files` (`certificate_id`, `kind`, `language`);
-- Create "logos" table
CREATE TABLE `logos` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `sha256` text NOT NULL, `png` blob NOT NULL, `alt` text NOT NULL, `made_at` datetime NOT NULL);
-- Create index "logos_sha256_key" to table: "logos"
CREATE UNIQUE INDEX `logos_sha256_key` ON `logos` (`sha256`);
-- Create "programmes" table
CREATE TABLE `programmes` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `name` text NOT NULL, `organisers` text NOT NULL DEFAULT (''), `signatories` json NULL, `changed_at` datetime NOT NULL, `changed_by` integer NOT NULL, `left_logo_id` integer NULL, `right_logo_id` integer NULL, CONSTRAINT `programmes_logos_left_logo` FOREIGN KEY (`left_logo_id`) REFERENCES `logos` (`id`) ON DELETE SET NULL, CONSTRAINT `programmes_logos_right_logo` FOREIGN KEY (`right_logo_id`) REFERENCES `logos` (`id`) ON DELETE SET NULL);
-- Create index "programmes_name_key" to table: "programmes"
CREATE UNIQUE INDEX `programmes_name_key` ON `programmes` (`name`);
