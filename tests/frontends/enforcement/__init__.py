"""How pip and uv are stopped where nobody guards them."""
