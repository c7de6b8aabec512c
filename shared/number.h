/*
 * number.h - numbers in what other programs send.
 */
#ifndef SHARED_NUMBER_H
#define SHARED_NUMBER_H

#include <stdint.h>

/* The number that text says in digits, at most max; usual when text is NULL or
   anything else than digits. */
uint64_t number_of(const char *text, uint64_t usual, uint64_t max);

#endif
