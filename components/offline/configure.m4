dnl annex-offline needs nothing beyond the library.
ANNEX_COMPONENT([offline])
