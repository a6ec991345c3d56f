"""What ``diotima doctor`` looks at, one file a subject: each tries the thing itself, on a small scale."""
