"""What the product can do on this machine, beside what its parts could do at best."""
