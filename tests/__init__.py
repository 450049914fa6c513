"""The tests of trustguard; they mirror its folders. The lab is what they run against."""
