package worker

import "time"

// Hasten shortens the pauses between tries, for tests in real time.
func (w *Worker) Hasten() { w.leastPause, w.mostPause = time.Millisecond, 5*time.Millisecond }
