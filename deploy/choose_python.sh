#!/bin/sh
# Prints the Python that the virtual environment is made of: the faster one of `python3` and the
# system's own. The suite is bound by Python's speed, and an interpreter built without
# profile-guided optimisation (pyenv's default) takes a quarter to a half longer for the same work.
best=python3
best_time=
# By turns: the machine itself may be faster in one moment than in the next.
for candidate in python3 /usr/bin/python3 python3 /usr/bin/python3 python3 /usr/bin/python3; do
    time=$("$candidate" - 2>/dev/null <<'WORK'
import ensurepip, sys, time, timeit, venv

def work():
    seen = {}
    for number in range(5_000):
        seen[number % 97] = str(number) + "x"
        [each for each in (1, 2, 3)]

if sys.version_info >= (3, 11):
    # CPU time, the best of many: other work on the machine counts little.
    print(int(min(timeit.repeat(work, number=1, repeat=20, timer=time.process_time)) * 1e6))
WORK
    )
    if [ -n "$time" ] && { [ -z "$best_time" ] || [ "$time" -lt "$best_time" ]; }; then
        best=$candidate best_time=$time
    fi
done
echo "$best"
