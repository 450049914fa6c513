"""What a run did, in words for people and in JSON for programs."""
