-- What a program keeps to: names of objects and of their fields, as a JSON array. Null: all that policy
-- has rules for, which is what the programs of before may use.

ALTER TABLE client ADD COLUMN fields TEXT CHECK (fields IS NULL OR json_type(fields) = 'array');
