package outbox

import "time"

// Idle sets how long the worker waits between two looks when nobody wakes it.
func (w *Worker) Idle(wait time.Duration) { w.idle = wait }
