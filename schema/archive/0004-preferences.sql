-- Which of their messages users want in their archives (XEP-0441): owner is a
-- bare address, otherwise "always" or "never" and holds for all who are in
-- neither list.  A list has a line for each address.
CREATE TABLE archive_preference (
	owner TEXT NOT NULL PRIMARY KEY,
	otherwise TEXT NOT NULL,
	always TEXT NOT NULL,
	never TEXT NOT NULL
);
