"""Programs that compute an analysis again, as they lie in its zip. They import nothing of ours."""
