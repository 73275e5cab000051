"""The Model Context Protocol: the tools of books and memory for programs that speak it, over HTTP and over stdio."""
