"""What several tests share; none of it is shipped."""
