/* SPDX-License-Identifier: MIT */
/* In the place of the parity's files in a library that was built without libfec. */
#include <errno.h>

#include "make/mend.h"

static int no_fec(struct dmk_error *err)
{
	return dmk_fail(err, -EOPNOTSUPP,
			"this build has no libfec, and knows no forward error correction");
}

int dmk_fec_open(struct dmk_fec *ret_fec, const struct dmk_image *image, enum dmk_file_mode mode,
		 struct dmk_error *err)
{
	(void)ret_fec;
	(void)image;
	(void)mode;
	return no_fec(err);
}

void dmk_fec_close(struct dmk_fec *fec)
{
	(void)fec;
}

int dmk_fec_encode(struct dmk_fec *fec, const struct dmk_image *image, struct dmk_error *err)
{
	(void)fec;
	(void)image;
	return no_fec(err);
}

int dmk_mend_image(const struct dmk_image *image, struct dmk_fec *fec, const uint8_t *digest,
		   struct dmk_scan *scan, bool write, struct dmk_error *err)
{
	(void)image;
	(void)fec;
	(void)digest;
	(void)scan;
	(void)write;
	return no_fec(err);
}
