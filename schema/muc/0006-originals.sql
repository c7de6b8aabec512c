-- In place of which message it was said (XEP-0308), by the id that the room
-- gave that one; NULL where in none's, or of one that was not there any more.
ALTER TABLE muc_history ADD COLUMN original TEXT;
