package boot

import (
	"reflect"
	"testing"
	"time"

	"ticketflow/internal/config"
	"ticketflow/internal/testservers"
)

// TestAnEngineHasAllPorts: one that was forgotten would be missed when it is first asked, which may
// be an hour after the start.
func TestAnEngineHasAllPorts(t *testing.T) {
	for name, c := range map[string]config.Cluster{
		"SQLite": {}, "PostgreSQL": {DatabaseURL: config.Secret(testservers.PostgreSQL(t))},
	} {
		t.Run(name, func(t *testing.T) {
			if c.DatabaseURL != "" {
				if _, err := Migrate(t.Context(), c); err != nil {
					t.Fatal(err)
				}
			}
			e, err := openEngine(t.Context(), t.TempDir(), c, time.Now)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = e.Close() }()
			for field, value := range reflect.ValueOf(e).Elem().Fields() {
				if value.IsZero() {
					t.Errorf("it has no %s", field.Name)
				}
			}
		})
	}
}
