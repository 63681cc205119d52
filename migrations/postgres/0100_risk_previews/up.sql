-- What a change of a risk level would do, counted in the background where it concerns many. Numbers by place, no person.
CREATE TABLE risk_previews (
    id UUID PRIMARY KEY,
    change_digest BYTEA NOT NULL UNIQUE,
    count TEXT NOT NULL,
    done BOOLEAN NOT NULL,
    started_at TIMESTAMPTZ NOT NULL,
    version BIGINT NOT NULL
);
