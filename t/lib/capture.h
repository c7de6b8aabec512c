/*
 * capture.h - what is written to stdout and stderr meanwhile.
 */
#ifndef T_LIB_CAPTURE_H
#define T_LIB_CAPTURE_H

struct capture {
	char out[16384], err[16384];	/* set by capture_end() */
	int real[2], file[2];
};

/* Nothing may be asserted between the two: who would read why? */
void capture_begin(struct capture *capture);
void capture_end(struct capture *capture);

#endif
