-- Create index "enrolment_deadline" to table: "enrolments"
CREATE INDEX "enrolment_deadline" ON "enrolments" ("deadline_at") WHERE (deadline_at IS NOT NULL);
-- Modify "runs" table
ALTER TABLE "runs" ADD COLUMN "seat_changed_at" timestamptz NULL, ADD COLUMN "withdraw_until" timestamptz NULL;
-- Modify "seat_pools" table
ALTER TABLE "seat_pools" ADD COLUMN "told" bigint NOT NULL DEFAULT 0;
-- Create index "seat_pool_waited_for" to table: "seat_pools"
CREATE INDEX "seat_pool_waited_for" ON "seat_pools" ("run_id") WHERE (waiting > 0);
