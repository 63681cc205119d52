-- The figures of declarations count those of a day by place and state.
CREATE INDEX declarations_by_day ON declarations (submitted_at, division, state) WHERE consent_withdrawn_at IS NULL;
