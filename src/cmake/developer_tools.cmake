# SPDX-License-Identifier: Apache-2.0
# What makes our own builds quick. A project that embeds Nexpo by add_subdirectory keeps its own choices.
if(NOT PROJECT_IS_TOP_LEVEL)
    return()
endif()

set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_program(NEXPO_CCACHE ccache)
mark_as_advanced(NEXPO_CCACHE)
if(NEXPO_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    # The sloppiness lets ccache serve objects that were compiled with a precompiled header.
    set(CMAKE_CXX_COMPILER_LAUNCHER
        "${CMAKE_COMMAND}" -E env CCACHE_SLOPPINESS=pch_defines,time_macros "${NEXPO_CCACHE}")
endif()

find_program(NEXPO_MOLD mold)
mark_as_advanced(NEXPO_MOLD)
if(NEXPO_MOLD)
    add_link_options(-fuse-ld=mold)
endif()
