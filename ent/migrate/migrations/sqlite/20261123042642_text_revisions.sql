-- Create "text_revisions" table
CREATE TABLE `text_revisions` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `kind` text NOT NULL, `language` text NOT NULL, `text` text NOT NULL, `origin` text NOT NULL, `actor_id` integer NULL, `at` datetime NOT NULL, `course_id` integer NOT NULL, CONSTRAINT `text_revisions_courses_course` FOREIGN KEY (`course_id`) REFERENCES `courses` (`id`) ON DELETE CASCADE);
-- Create index "textrevision_course_id_language" to table: "text_revisions"
CREATE INDEX `textrevision_course_id_language` ON `text_revisions` (`course_id`, `language`);
