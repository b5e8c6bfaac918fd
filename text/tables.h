/*
 * Character classes and the automaton that finds extended grapheme clusters.
 * The tables are generated; the enums here give their numbers names and must
 * keep the order of text/tables.mjs.
 */
#ifndef TEXT_TABLES_H
#define TEXT_TABLES_H

#include <stdint.h>

/*
 * Grapheme_Cluster_Break, refined by what GB9c and GB11 single out: Extend is
 * split into InCB=Extend, InCB=Linker and the rest; Other into consonants
 * (InCB=Consonant), Extended_Pictographic and the rest.
 */
enum text_class {
	CLASS_OTHER = 0,
	CLASS_CR,
	CLASS_LF,
	CLASS_CONTROL,
	CLASS_EXTEND,	   /* InCB=Extend, but not ZWJ */
	CLASS_EXTEND_BARE, /* no value of InCB */
	CLASS_LINKER,	   /* InCB=Linker: the viramas that build conjuncts */
	CLASS_ZWJ,
	CLASS_RI,
	CLASS_PREPEND,
	CLASS_SPACING,
	CLASS_L,
	CLASS_V,
	CLASS_T,
	CLASS_LV,
	CLASS_LVT,
	CLASS_PICT,
	CLASS_CONSONANT,
	TEXT_CLASSES,
};

/* What the characters of the cluster begun so far mean for the next one. */
enum text_state {
	STATE_START = 0, /* none yet, or a control: the next begins a cluster */
	STATE_CR,
	STATE_ANY, /* nothing but the rules for every character applies */
	STATE_PREPEND,
	STATE_L,
	STATE_V,  /* LV or V */
	STATE_T,  /* LVT or T */
	STATE_RI, /* an odd number of regional indicators */
	STATE_PICT, /* Extended_Pictographic Extend* */
	STATE_PICT_ZWJ,
	STATE_CONSONANT, /* consonant, no linker since */
	STATE_CONJUNCT,  /* consonant, and a linker since */
	TEXT_STATES,
};

#define TEXT_CLASS_MASK	 0x1f /* of text_class_of: the class */
#define TEXT_CLASS_WHITE 0x20 /* of text_class_of: White_Space */
#define TEXT_STATE_MASK	 0x0f /* of text_automaton: the next state */
#define TEXT_BOUNDARY	 0x80 /* of text_automaton: the character begins a cluster */

extern const char text_tables_version[];

/* Two stages: the block of a code point / 128, then its entry in there. */
extern const uint8_t text_class_block[8704];
extern const uint8_t text_class_of[];

extern const uint8_t text_automaton[TEXT_STATES][32];

/*
 * For the kernels: a bit for each block of 64 characters that take three bytes
 * in UTF-8, set where some of them are joiners (text/cluster.h).  It is found
 * by the low nibble of the lead and the low six bits of the second byte.  Left
 * out are E2 80 with ZWNJ and ZWJ, E3 80 with AA..AF, E3 82 with 99 and 9A.
 */
extern const uint8_t text_joiner_blocks[128];

/* The class of a code point and its TEXT_CLASS_WHITE. */
static inline unsigned int
text_class(uint32_t point)
{
	return text_class_of[text_class_block[point >> 7] * 128u +
	    (point & 127)];
}

#endif
