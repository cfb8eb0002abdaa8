/* SPDX-License-Identifier: MIT */
/* In the place of hash/ and make/ in a library that was built without libcrypto. */
#include <errno.h>

#include "look/look.h"

static int no_hashing(const struct dmk_image_options *options, uint32_t verb,
		      struct dmk_error *ret_error)
{
	return dmk_fail(dmk_image_begin(ret_error, verb, options->data), -EOPNOTSUPP,
			"this build has no libcrypto, and cannot hash");
}

int dmk_image_format(const struct dmk_image_options *options, struct dmk_image_info *ret_info,
		     struct dmk_error *ret_error)
{
	(void)ret_info;
	return no_hashing(options, DMK_VERB_IMAGE_FORMAT, ret_error);
}

int dmk_image_verify(const struct dmk_image_options *options, struct dmk_image_counts *ret_counts,
		     struct dmk_error *ret_error)
{
	(void)ret_counts;
	return no_hashing(options, DMK_VERB_IMAGE_VERIFY, ret_error);
}

int dmk_image_repair(const struct dmk_image_options *options, struct dmk_image_counts *ret_counts,
		     struct dmk_error *ret_error)
{
	(void)ret_counts;
	return no_hashing(options, DMK_VERB_IMAGE_REPAIR, ret_error);
}
