-- Create "api_tokens" table
CREATE TABLE `api_tokens` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `token_hash` text NOT NULL, `created_at` datetime NOT NULL, `expires_at` datetime NOT NULL, `person_id` integer NOT NULL, CONSTRAINT `api_tokens_people_person` FOREIGN KEY (`person_id`) REFERENCES `people` (`id`) ON DELETE CASCADE);
-- Create index "api_tokens_token_hash_key" to table: "api_tokens"
CREATE UNIQUE INDEX `api_tokens_token_hash_key` ON `api_tokens` (`token_hash`);
-- Create index "apitoken_person_id" to table: "api_tokens"
CREATE INDEX `apitoken_person_id` ON `api_tokens` (`person_id`);
-- Create "agencies" table
CREATE TABLE `agencies` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `slug` text NOT NULL, `name` text NOT NULL, `country` text NOT NULL, `kind` text NOT NULL DEFAULT ('other'), `created_at` datetime NOT NULL);
-- Create index "agencies_slug_key" to table: "agencies"
CREATE UNIQUE INDEX `agencies_slug_key` ON `agencies` (`slug`);
-- Create index "agency_country" to table: "agencies"
CREATE INDEX `agency_country` ON `agencies` (`country`);
-- Create "idempotent_answers" table
CREATE TABLE `idempotent_answers` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `person_id` integer NOT NULL, `method` text NOT NULL, `path` text NOT NULL, `key` text NOT NULL, `body_hash` text NOT NULL, `status` integer NOT NULL DEFAULT (0), `content_type` text NULL, `body` blob NULL, `created_at` datetime NOT NULL);
-- Create index "answer_person_id_method_path_key" to table: "idempotent_answers"
CREATE UNIQUE INDEX `answer_person_id_method_path_key` ON `idempotent_answers` (`person_id`, `method`, `path`, `key`);
-- Create index "answer_created_at" to table: "idempotent_answers"
CREATE INDEX `answer_created_at` ON `idempotent_answers` (`created_at`);
-- Create "certificates" table
CREATE TABLE `certificates` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `number` text NOT NULL, `holder` text NOT NULL, `language` text NOT NULL, `facts` json NOT NULL, `issued_at` datetime NOT NULL, `expires_at` datetime NULL, `revoked_at` datetime NULL, `revoked_reason` text NOT NULL DEFAULT (''), `revoked_note` text NULL, `replaced_by` text NOT NULL DEFAULT (''), `run_id` integer NOT NULL, `person_id` integer NOT NULL, `agency_id` integer NULL, `enrolment_id` integer NOT NULL, CONSTRAINT `certificates_runs_run` FOREIGN KEY (`run_id`) REFERENCES `runs` (`id`) ON DELETE NO ACTION, CONSTRAINT `certificates_people_person` FOREIGN KEY (`person_id`) REFERENCES `people` (`id`) ON DELETE NO ACTION, CONSTRAINT `certificates_agencies_agency` FOREIGN KEY (`agency_id`) REFERENCES `agencies` (`id`) ON DELETE SET NULL, CONSTRAINT `certificates_enrolments_certificates` FOREIGN KEY (`enrolment_id`) REFERENCES `enrolments` (`id`) ON DELETE NO ACTION, CONSTRAINT `certificate_revoked_reason` CHECK (revoked_reason in ('', 'issued_in_error', 'facts_wrong', 'withdrawn_by_issuer')));
-- Create index "certificates_number_key" to table: "certificates"
CREATE UNIQUE INDEX `certificates_number_key` ON `certificates` (`number`);
-- Create index "certificate_one_per_enrolment" to table: "certificates"
CREATE UNIQUE INDEX `certificate_one_per_enrolment` ON `certificates` (`enrolment_id`) WHERE replaced_by = '';
-- Create index "certificate_person_id" to table: "certificates"
CREATE INDEX `certificate_person_id` ON `certificates` (`person_id`);
-- Create index "certificate_run_id" to table: "certificates"
CREATE INDEX `certificate_run_id` ON `certificates` (`run_id`);
-- Create index "certificate_agency_id_issued_at" to table: "certificates"
CREATE INDEX `certificate_agency_id_issued_at` ON `certificates` (`agency_id`, `issued_at`);
-- Create "courses" table
CREATE TABLE `courses` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `import_id` text NOT NULL, `slug` text NOT NULL, `code` text NULL, `provider` text NULL, `programme` text NULL, `country` text NULL, `place` text NULL, `professions` json NOT NULL, `topics` json NOT NULL, `languages` json NOT NULL, `duration_days` real NULL, `seats_typical` integer NULL, `participants_observed` integer NULL, `states_observed` integer NULL, `prerequisite_codes` json NOT NULL, `delivery_form` text NULL, `level` text NULL, `source_title` text NULL, `source_url` text NULL, `inferred` json NOT NULL, `import_hash` text NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL);
-- Create index "courses_import_id_key" to table: "courses"
CREATE UNIQUE INDEX `courses_import_id_key` ON `courses` (`import_id`);
-- Create index "courses_slug_key" to table: "courses"
CREATE UNIQUE INDEX `courses_slug_key` ON `courses` (`slug`);
-- Create "course_texts" table
CREATE TABLE `course_texts` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `kind` text NOT NULL, `language` text NOT NULL, `text` text NOT NULL, `origin` text NOT NULL, `updated_at` datetime NOT NULL, `course_id` integer NOT NULL, CONSTRAINT `course_texts_courses_texts` FOREIGN KEY (`course_id`) REFERENCES `courses` (`id`) ON DELETE CASCADE, CONSTRAINT `course_text_origin` CHECK (origin in ('original', 'translated', 'machine')));
-- Create index "coursetext_course_id_kind_language" to table: "course_texts"
CREATE UNIQUE INDEX `coursetext_course_id_kind_language` ON `course_texts` (`course_id`, `kind`, `language`);
-- Create "enrolments" table
CREATE TABLE `enrolments` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `ref` text NOT NULL, `status` text NOT NULL, `country` text NULL, `hold` text NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `waiting_since` datetime NULL, `deadline_at` datetime NULL, `result` text NULL DEFAULT (''), `person_id` integer NOT NULL, `pool_id` integer NULL, `agency_id` integer NULL, `run_id` integer NOT NULL, CONSTRAINT `enrolments_people_person` FOREIGN KEY (`person_id`) REFERENCES `people` (`id`) ON DELETE NO ACTION, CONSTRAINT `enrolments_seat_pools_pool` FOREIGN KEY (`pool_id`) REFERENCES `seat_pools` (`id`) ON DELETE SET NULL, CONSTRAINT `enrolments_agencies_agency` FOREIGN KEY (`agency_id`) REFERENCES `agencies` (`id`) ON DELETE SET NULL, CONSTRAINT `enrolments_runs_enrolments` FOREIGN KEY (`run_id`) REFERENCES `runs` (`id`) ON DELETE NO ACTION, CONSTRAINT `enrolment_result` CHECK (result in ('', 'completed', 'not_completed', 'absent')));
-- Create index "enrolments_ref_key" to table: "enrolments"
CREATE UNIQUE INDEX `enrolments_ref_key` ON `enrolments` (`ref`);
-- Create index "enrolments_hold_key" to table: "enrolments"
CREATE UNIQUE INDEX `enrolments_hold_key` ON `enrolments` (`hold`);
-- Create index "enrolment_one_living" to table: "enrolments"
CREATE UNIQUE INDEX `enrolment_one_living` ON `enrolments` (`run_id`, `person_id`) WHERE status <> 'declined' and status <> 'lapsed' and status <> 'cancelled' and status <> 'not_selected';
-- Create index "enrolment_run_id_status" to table: "enrolments"
CREATE INDEX `enrolment_run_id_status` ON `enrolments` (`run_id`, `status`);
-- Create index "enrolment_person_id" to table: "enrolments"
CREATE INDEX `enrolment_person_id` ON `enrolments` (`person_id`);
-- Create index "enrolment_agency_id_status" to table: "enrolments"
CREATE INDEX `enrolment_agency_id_status` ON `enrolments` (`agency_id`, `status`);
-- Create index "enrolment_pool_id" to table: "enrolments"
CREATE INDEX `enrolment_pool_id` ON `enrolments` (`pool_id`);
-- Create "enrolment_events" table
CREATE TABLE `enrolment_events` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `from_status` text NULL, `to_status` text NOT NULL, `reason` text NOT NULL, `args` json NULL, `actor_id` integer NULL, `at` datetime NOT NULL, `enrolment_id` integer NOT NULL, CONSTRAINT `enrolment_events_enrolments_events` FOREIGN KEY (`enrolment_id`) REFERENCES `enrolments` (`id`) ON DELETE NO ACTION);
-- Create index "enrolmentevent_enrolment_id" to table: "enrolment_events"
CREATE INDEX `enrolmentevent_enrolment_id` ON `enrolment_events` (`enrolment_id`);
-- Create "member_states" table
CREATE TABLE `member_states` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `code` text NOT NULL, `kind` text NOT NULL DEFAULT ('state'), `member_from` text NOT NULL, `member_until` text NULL, `suspended_from` text NULL, CONSTRAINT `member_state_kind` CHECK (kind in ('state', 'union')));
-- Create index "member_states_code_key" to table: "member_states"
CREATE UNIQUE INDEX `member_states_code_key` ON `member_states` (`code`);
-- Create "one_time_links" table
CREATE TABLE `one_time_links` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `token_hash` text NOT NULL, `purpose` text NOT NULL, `created_at` datetime NOT NULL, `expires_at` datetime NOT NULL, `used_at` datetime NULL, `person_id` integer NOT NULL, CONSTRAINT `one_time_links_people_person` FOREIGN KEY (`person_id`) REFERENCES `people` (`id`) ON DELETE CASCADE, CONSTRAINT `one_time_link_purpose` CHECK (purpose in ('login', 'reset', 'email')));
-- Create index "one_time_links_token_hash_key" to table: "one_time_links"
CREATE UNIQUE INDEX `one_time_links_token_hash_key` ON `one_time_links` (`token_hash`);
-- Create index "onetimelink_person_id" to table: "one_time_links"
CREATE INDEX `onetimelink_person_id` ON `one_time_links` (`person_id`);
-- Create index "onetimelink_expires_at" to table: "one_time_links"
CREATE INDEX `onetimelink_expires_at` ON `one_time_links` (`expires_at`);
-- Create "outbox_jobs" table
CREATE TABLE `outbox_jobs` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `kind` text NOT NULL, `dedupe_key` text NOT NULL, `payload` blob NOT NULL, `created_at` datetime NOT NULL, `due_at` datetime NOT NULL, `tries` integer NOT NULL DEFAULT (0), `lease` text NULL, `leased_until` datetime NULL, `done_at` datetime NULL, `given_up_at` datetime NULL, `last_error` text NULL);
-- Create index "outbox_jobs_dedupe_key_key" to table: "outbox_jobs"
CREATE UNIQUE INDEX `outbox_jobs_dedupe_key_key` ON `outbox_jobs` (`dedupe_key`);
-- Create index "outboxjob_done_at_due_at" to table: "outbox_jobs"
CREATE INDEX `outboxjob_done_at_due_at` ON `outbox_jobs` (`done_at`, `due_at`);
-- Create index "outboxjob_kind_created_at" to table: "outbox_jobs"
CREATE INDEX `outboxjob_kind_created_at` ON `outbox_jobs` (`kind`, `created_at`);
-- Create "people" table
CREATE TABLE `people` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `email` text NOT NULL, `email_confirmed_at` datetime NULL, `name` text NOT NULL, `password_hash` text NULL, `role` text NOT NULL DEFAULT ('trainee'), `locale` text NOT NULL DEFAULT ('en'), `profession` text NULL, `language_level` text NULL, `country` text NULL, `affiliation_confirmed_at` datetime NULL, `affiliation_confirmed_by` integer NULL, `created_at` datetime NOT NULL, `disabled_at` datetime NULL, `agency_id` integer NULL, CONSTRAINT `people_agencies_agency` FOREIGN KEY (`agency_id`) REFERENCES `agencies` (`id`) ON DELETE SET NULL, CONSTRAINT `person_email_lower` CHECK (email = lower(email)));
-- Create index "people_email_key" to table: "people"
CREATE UNIQUE INDEX `people_email_key` ON `people` (`email`);
-- Create index "person_agency_id" to table: "people"
CREATE INDEX `person_agency_id` ON `people` (`agency_id`);
-- Create index "person_country" to table: "people"
CREATE INDEX `person_country` ON `people` (`country`);
-- Create "presences" table
CREATE TABLE `presences` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `half_day` text NOT NULL, `present` bool NOT NULL, `marked_by` integer NOT NULL, `marked_at` datetime NOT NULL, `enrolment_id` integer NOT NULL, CONSTRAINT `presences_enrolments_presence` FOREIGN KEY (`enrolment_id`) REFERENCES `enrolments` (`id`) ON DELETE NO ACTION);
-- Create index "presence_enrolment_id_half_day" to table: "presences"
CREATE UNIQUE INDEX `presence_enrolment_id_half_day` ON `presences` (`enrolment_id`, `half_day`);
-- Create "runs" table
CREATE TABLE `runs` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `code` text NOT NULL, `starts` text NOT NULL, `ends` text NOT NULL, `time_zone` text NOT NULL, `place` text NOT NULL, `country` text NOT NULL, `language` text NOT NULL, `opens_at` datetime NULL, `closes_at` datetime NOT NULL, `size` integer NOT NULL, `threshold` integer NOT NULL DEFAULT (80), `approval` bool NOT NULL DEFAULT (false), `filled_by` text NOT NULL DEFAULT ('first_come'), `discreet` bool NOT NULL DEFAULT (false), `conditions` json NOT NULL, `half_days` json NOT NULL, `seat_version` integer NOT NULL DEFAULT (0), `created_at` datetime NOT NULL, `closed_at` datetime NULL, `cancelled_at` datetime NULL, `course_id` integer NOT NULL, CONSTRAINT `runs_courses_runs` FOREIGN KEY (`course_id`) REFERENCES `courses` (`id`) ON DELETE NO ACTION, CONSTRAINT `run_dates` CHECK (starts <= ends), CONSTRAINT `run_filled_by` CHECK (filled_by in ('first_come', 'selection')), CONSTRAINT `run_size` CHECK (size > 0), CONSTRAINT `run_threshold` CHECK (threshold between 0 and 100));
-- Create index "runs_code_key" to table: "runs"
CREATE UNIQUE INDEX `runs_code_key` ON `runs` (`code`);
-- Create index "run_course_id_starts" to table: "runs"
CREATE INDEX `run_course_id_starts` ON `runs` (`course_id`, `starts`);
-- Create index "run_starts" to table: "runs"
CREATE INDEX `run_starts` ON `runs` (`starts`);
-- Create "seat_pools" table
CREATE TABLE `seat_pools` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `country` text NOT NULL DEFAULT (''), `size` integer NOT NULL, `taken` integer NOT NULL DEFAULT (0), `waiting` integer NOT NULL DEFAULT (0), `releases_at` datetime NULL, `released_at` datetime NULL, `suspended_at` datetime NULL, `run_id` integer NOT NULL, CONSTRAINT `seat_pools_runs_pools` FOREIGN KEY (`run_id`) REFERENCES `runs` (`id`) ON DELETE NO ACTION, CONSTRAINT `seat_pool_never_one_too_many` CHECK (0 <= taken and taken <= size), CONSTRAINT `seat_pool_waiting` CHECK (waiting >= 0));
-- Create index "seatpool_run_id_country" to table: "seat_pools"
CREATE UNIQUE INDEX `seatpool_run_id_country` ON `seat_pools` (`run_id`, `country`);
-- Create index "seatpool_released_at_releases_at" to table: "seat_pools"
CREATE INDEX `seatpool_released_at_releases_at` ON `seat_pools` (`released_at`, `releases_at`);
-- Create "sessions" table
CREATE TABLE `sessions` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `token_hash` text NOT NULL, `created_at` datetime NOT NULL, `expires_at` datetime NOT NULL, `person_id` integer NOT NULL, CONSTRAINT `sessions_people_person` FOREIGN KEY (`person_id`) REFERENCES `people` (`id`) ON DELETE CASCADE);
-- Create index "sessions_token_hash_key" to table: "sessions"
CREATE UNIQUE INDEX `sessions_token_hash_key` ON `sessions` (`token_hash`);
-- Create index "session_person_id" to table: "sessions"
CREATE INDEX `session_person_id` ON `sessions` (`person_id`);
-- Create index "session_expires_at" to table: "sessions"
CREATE INDEX `session_expires_at` ON `sessions` (`expires_at`);
-- Create "settings" table
CREATE TABLE `settings` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `name` text NOT NULL, `value` text NOT NULL);
-- Create index "settings_name_key" to table: "settings"
CREATE UNIQUE INDEX `settings_name_key` ON `settings` (`name`);
-- Create "run_instructors" table
CREATE TABLE `run_instructors` (`run_id` integer NOT NULL, `person_id` integer NOT NULL, PRIMARY KEY (`run_id`, `person_id`), CONSTRAINT `run_instructors_run_id` FOREIGN KEY (`run_id`) REFERENCES `runs` (`id`) ON DELETE CASCADE, CONSTRAINT `run_instructors_person_id` FOREIGN KEY (`person_id`) REFERENCES `people` (`id`) ON DELETE CASCADE);
