-- What somebody may do at the console, beside the roles by which they see values; nobody may do
-- anything there unless it is said. A session is of the border or of the console, never of both.

ALTER TABLE person ADD COLUMN console TEXT NOT NULL DEFAULT '[]' CHECK (json_type(console) = 'array');
ALTER TABLE session ADD COLUMN console INTEGER NOT NULL DEFAULT 0 CHECK (console IN (0, 1));
