dnl annex-archive needs nothing beyond the library.
ANNEX_COMPONENT([archive])
