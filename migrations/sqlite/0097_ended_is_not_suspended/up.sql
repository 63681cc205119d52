-- What ended for a doctor's or the holder's reason, or was replaced, does not come back with the end of a cause.
UPDATE certificates SET suspended_at = NULL WHERE state <> 'valid';
UPDATE certificates SET causes_sealed = NULL
WHERE state <> 'valid' AND (state = 'superseded' OR end_reason_sealed IS NOT NULL OR withdrawn_at IS NOT NULL);
