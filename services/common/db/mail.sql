CREATE TABLE mail (
    id uuid PRIMARY KEY,
    key text NOT NULL CONSTRAINT mail_key UNIQUE,
    kind text NOT NULL,
    recipient text NOT NULL,
    facts jsonb NOT NULL,
    create_time timestamptz NOT NULL DEFAULT clock_timestamp(),
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_time timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_problem text NOT NULL DEFAULT '',
    send_time timestamptz,
    give_up_time timestamptz
);

CREATE INDEX mail_due ON mail (next_attempt_time) WHERE send_time IS NULL AND give_up_time IS NULL;

CREATE INDEX mail_send_time ON mail (send_time) WHERE send_time IS NOT NULL;
