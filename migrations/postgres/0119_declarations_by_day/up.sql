-- The figures of declarations count those of a day by place and state, out of this index alone.
CREATE INDEX declarations_by_day ON declarations (submitted_at, division, state, consent_withdrawn_at)
    WHERE submitted_at IS NOT NULL;
