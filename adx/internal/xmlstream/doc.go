// Package xmlstream reads XML 1.0 with namespaces as a stream of tokens, for
// formats that only have elements, attributes and text.
//
// It is stricter than encoding/xml: repeated attributes, unbound prefixes,
// several roots, text beside the root, illegal characters and names, and every
// DOCTYPE are errors. It reports the line and column of each attribute, holds
// one tag or text of the document in memory, and does not allocate per token.
// All sizes are limited.
package xmlstream
