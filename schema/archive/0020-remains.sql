-- What users are shown in place of a retracted message whose text stays, as it
-- is held or is for auditors alone: XML, as rest is.
ALTER TABLE archive_message ADD COLUMN remains TEXT;
