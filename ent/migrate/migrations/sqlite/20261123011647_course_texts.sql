-- Disable the enforcement of foreign-keys constraints
PRAGMA foreign_keys = off;
-- Create "new_course_texts" table
CREATE TABLE `new_course_texts` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `kind` text NOT NULL, `language` text NOT NULL, `text` text NOT NULL, `origin` text NOT NULL, `made_of` text NOT NULL DEFAULT (''), `edited_at` datetime NULL, `updated_at` datetime NOT NULL, `course_id` integer NOT NULL, CONSTRAINT `course_texts_courses_texts` FOREIGN KEY (`course_id`) REFERENCES `courses` (`id`) ON DELETE CASCADE, CONSTRAINT `course_text_origin` CHECK (origin in ('original', 'translated', 'machine')));
-- Copy rows from old table "course_texts" to new temporary table "new_course_texts"
INSERT INTO `new_course_texts` (`id`, `kind`, `language`, `text`, `origin`, `updated_at`, `course_id`) SELECT `id`, `kind`, `language`, `text`, `origin`, `updated_at`, `course_id` FROM `course_texts`;
-- Drop "course_texts" table after copying rows
DROP TABLE `course_texts`;
-- Rename temporary table "new_course_texts" to "course_texts"
ALTER TABLE `new_course_texts` RENAME TO `course_texts`;
-- Create index "coursetext_course_id_kind_language" to table: "course_texts"
CREATE UNIQUE INDEX `coursetext_course_id_kind_language` ON `course_texts` (`course_id`, `kind`, `language`);
-- Enable back the enforcement of foreign-keys constraints
PRAGMA foreign_keys = on;
