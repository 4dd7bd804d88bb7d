package postgres

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"
)

// contracting matches what takes something away that the release before may still use, or makes it
// refuse what that release writes.
var contracting = regexp.MustCompile(`(?is)\b(DROP|RENAME|TRUNCATE|DELETE\s+FROM)\b|` +
	`\bALTER\s+COLUMN\b[^;,]*\b(TYPE|SET\s+NOT\s+NULL)\b|` +
	`\bADD\s+(COLUMN\s+)?(IF\s+NOT\s+EXISTS\s+)?\w+\s+[^;,]*\bNOT\s+NULL\b`)

// withDefault matches an added column that the release before need not know.
var withDefault = regexp.MustCompile(`(?i)\b(DEFAULT|GENERATED)\b`)

// triggered matches a trigger and its table. It may refuse what it likes of a table that is new.
var triggered = regexp.MustCompile(`(?is)^\s*CREATE\s+TRIGGER\b.*\bON\s+(\w+)\s+FOR\s+EACH\b`)

// takesAway is the first statement of a migration that doesn't only add, or nothing.
func takesAway(sql string) string {
	sql = regexp.MustCompile(`--[^\n]*`).ReplaceAllString(sql, "")
	for statement := range strings.SplitSeq(sql, ";") {
		if on := triggered.FindStringSubmatch(statement); on != nil {
			if !strings.Contains(sql, "CREATE TABLE "+on[1]+" ") {
				return strings.TrimSpace(statement)
			}
			continue
		}
		found := contracting.FindString(statement)
		added := strings.HasPrefix(strings.ToUpper(found), "ADD")
		if added && withDefault.MatchString(statement) {
			continue
		}
		if found != "" {
			return strings.TrimSpace(statement)
		}
	}
	return ""
}

// TestMigrationsOnlyAdd: the release before goes on working while a deployment is under way.
func TestMigrationsOnlyAdd(t *testing.T) {
	names, err := fs.Glob(migrationFiles, "migrations/*.sql")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(migrationFiles, name)
		if err != nil {
			t.Fatal(err)
		}
		if found := takesAway(string(text)); found != "" {
			t.Errorf("%s takes something away:\n%s", name, found)
		}
	}
}

func TestTakesAway(t *testing.T) {
	for _, sql := range []string{
		"DROP TABLE holds", "ALTER TABLE holds DROP COLUMN total", "drop index concurrently i",
		"ALTER TABLE holds RENAME TO grants", "ALTER TABLE holds ALTER COLUMN total TYPE text",
		"ALTER TABLE holds ALTER COLUMN total SET NOT NULL", "TRUNCATE facts",
		"ALTER TABLE holds ADD COLUMN note text NOT NULL", "DELETE FROM facts",
		"CREATE TRIGGER t BEFORE INSERT ON holds FOR EACH ROW EXECUTE FUNCTION f()",
	} {
		if takesAway("-- +goose Up\nSELECT 1;\n"+sql+";\n") == "" {
			t.Errorf("%s is accepted", sql)
		}
	}
	for _, sql := range []string{
		"CREATE TABLE notes (note text NOT NULL)", "CREATE INDEX CONCURRENTLY i ON holds (state)",
		"ALTER TABLE holds ADD COLUMN note text", "-- DROP TABLE holds",
		"ALTER TABLE holds ADD COLUMN note text NOT NULL DEFAULT ''",
		"CREATE TABLE log (n int);" +
			"CREATE TRIGGER t BEFORE DELETE OR TRUNCATE ON log FOR EACH STATEMENT " +
			"EXECUTE FUNCTION f()",
	} {
		if found := takesAway(sql); found != "" {
			t.Errorf("%s is refused: %s", sql, found)
		}
	}
}
