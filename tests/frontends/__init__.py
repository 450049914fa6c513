"""The program from end to end: attacks and their controls, judged by what happened on disk."""
