dnl Rules of policies have regular expressions.
ANNEX_NEED([PCRE2], [libpcre2-8 >= 10.42], [libpcre2-dev])
ANNEX_COMPONENT([archive])
