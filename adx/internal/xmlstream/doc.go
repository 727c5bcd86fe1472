// Package xmlstream reads XML 1.0 with namespaces as a stream of tokens, for
// formats that have elements, attributes and text and nothing else.
//
// It is strict where encoding/xml is not: repeated attributes, unbound prefixes,
// several roots, text beside the root, illegal characters and names, and every
// DOCTYPE are errors. It knows line and column of every attribute, holds no more
// than one tag or text of the document, and allocates nothing per token. The
// sizes that it accepts are limited.
package xmlstream
