-- Drop index "outboxjob_done_at_due_at" from table: "outbox_jobs"
DROP INDEX "outboxjob_done_at_due_at";
-- Create index "outbox_job_due" to table: "outbox_jobs"
CREATE INDEX "outbox_job_due" ON "outbox_jobs" ("kind", "due_at") WHERE ((done_at IS NULL) AND (given_up_at IS NULL));
