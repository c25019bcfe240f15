"""``python -m benchmarks.fuzz``; see `benchmarks.fuzz.run`."""

from benchmarks.fuzz.run import main

if __name__ == "__main__":
    main()
