"""Reports as they are asked for, made, closed and sent."""
