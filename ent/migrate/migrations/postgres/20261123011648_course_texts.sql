-- Modify "course_texts" table
ALTER TABLE "course_texts" ADD COLUMN "made_of" character varying NOT NULL DEFAULT '', ADD COLUMN "edited_at" timestamptz NULL;
