# Writes the header that version.cpp reads, if what it says has changed: the version of the project,
# and the commit where the sources have git. Run at each build (see CMakeLists.txt).
#
#   cmake -DSOURCE=... -DVERSION=... -DHEADER=... -P version.cmake
execute_process(COMMAND git -C "${SOURCE}" describe --always --dirty --abbrev=12 "--exclude=*"
    OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
set(text "#define SLIPWAY_VERSION \"${VERSION}\"
#define SLIPWAY_COMMIT \"${commit}\"
")
set(before "")
if(EXISTS "${HEADER}")
    file(READ "${HEADER}" before)
endif()
if(NOT text STREQUAL before)
    file(WRITE "${HEADER}" "${text}")
endif()
