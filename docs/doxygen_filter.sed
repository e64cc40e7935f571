# What Doxygen reads instead of a header; line numbers stay.
# Doxygen 1.9.4 does not know `namespace a::inline b`.
s/^namespace nexpo::inline v1/namespace nexpo/
# Copying, moving and defaulted comparison say what they do.
/^ +([A-Z][A-Za-z]*)\(\1( const&|&&)\)( noexcept)?( = (default|delete))?;$/s/.*//
/^ +([A-Z][A-Za-z]*)& operator=\(\1( const&|&&)\)( noexcept)?( = (default|delete))?;$/s/.*//
/^ +(friend )?(auto|bool) operator(==|<=>)\(.*\) const( noexcept)? = default;$/s/.*//
