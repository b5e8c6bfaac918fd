/*
 * The rules of UAX #29 that look back, for up to 64 characters at once.  Bit i
 * of a set stands for character i; character 0 begins a cluster.  A result has
 * the characters before which there is no boundary by the rule.  For the
 * sources of this folder.
 *
 * Runs are followed by carries: adding the first bit of a run of ones clears
 * the run and sets the bit behind it.
 */
#ifndef TEXT_RULES_H
#define TEXT_RULES_H

#include <stdint.h>

/* The characters behind those of the set. */
static inline uint64_t
rules_behind(uint64_t set)
{
	return set << 1;
}

/* The characters behind the runs in marks that begin behind those of from. */
static inline uint64_t
rules_behind_run(uint64_t marks, uint64_t from)
{
	return (marks + (rules_behind(from) & marks)) & ~marks;
}

/* GB6, GB7, GB8: syllables of Hangul. */
static inline uint64_t
rules_hangul(uint64_t l, uint64_t v, uint64_t t, uint64_t lv, uint64_t lvt)
{
	return (rules_behind(l) & (l | v | lv | lvt)) |
	    (rules_behind(lv | v) & (v | t)) | (rules_behind(lvt | t) & t);
}

/*
 * GB9c: consonants behind a run of marks with a linker among them that begins
 * behind a consonant.  The linkers are among the marks.
 */
static inline uint64_t
rules_conjunct(uint64_t consonants, uint64_t marks, uint64_t linkers)
{
	uint64_t begun = rules_behind(consonants) & marks;
	uint64_t run = marks & ~(marks + begun);

	/* The first linker's carry leaves the run, no other's gets so far. */
	return (run + (linkers & run)) & ~run & consonants;
}

/* GB11: pictographs behind a pictograph, any run of extend and one ZWJ. */
static inline uint64_t
rules_pictograph(uint64_t pictographs, uint64_t extend, uint64_t zwj)
{
	uint64_t before =
	    rules_behind(pictographs) | rules_behind_run(extend, pictographs);

	return rules_behind(before & zwj) & pictographs;
}

/* GB12, GB13: every second regional indicator of a run. */
static inline uint64_t
rules_flag(uint64_t indicators)
{
	const uint64_t even = UINT64_C(0x5555555555555555);
	uint64_t first = indicators & ~rules_behind(indicators);
	uint64_t from_even = indicators & ~(indicators + (first & even));

	return (from_even & ~even) | (indicators & ~from_even & even);
}

#endif
