"""How long work that failed waits for its next try: SQL over the column `retries`."""

FIRST_RETRY_WAIT_S = 1
MAX_RETRY_WAIT_S = 300

# Doubled each time; spread, so that what failed together does not come back together.
RETRY_WAIT = f"""make_interval(secs =>
    least({FIRST_RETRY_WAIT_S} * 2 ^ least(retries, 20), {MAX_RETRY_WAIT_S}) * (0.75 + random() / 2))"""
