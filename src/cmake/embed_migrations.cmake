# SPDX-License-Identifier: Apache-2.0
include_guard(GLOBAL)
set(nexpo_embed_script "${CMAKE_CURRENT_LIST_DIR}/write_migrations.cmake")

# nexpo_embed_migrations(<owner> <file>...)
#
# Compiles SQL files named NNNN_name.sql into the library as
#   std::vector<nexpo::Migration> const& nexpo::<owner>::migrations();
# The files are listed in order, from 0001, without a gap.
function(nexpo_embed_migrations owner)
    if(NOT owner MATCHES "^[a-z][a-z_]*$")
        message(FATAL_ERROR "nexpo_embed_migrations: '${owner}' is not an owner's name")
    endif()
    if(NOT ARGN)
        message(FATAL_ERROR "nexpo_embed_migrations: ${owner} lists no files")
    endif()

    set(files "")
    set(expected 1)
    foreach(file IN LISTS ARGN)
        cmake_path(ABSOLUTE_PATH file BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}" NORMALIZE)
        cmake_path(GET file FILENAME name)
        if(NOT EXISTS "${file}")
            message(FATAL_ERROR "nexpo_embed_migrations: ${file} does not exist")
        endif()
        if(NOT name MATCHES "^([0-9][0-9][0-9][0-9])_[a-z0-9_]+\\.sql$")
            message(FATAL_ERROR "nexpo_embed_migrations: '${name}' is not named NNNN_name.sql")
        endif()
        string(REGEX REPLACE "^0+" "" number "${CMAKE_MATCH_1}")
        if(NOT number EQUAL expected)
            message(FATAL_ERROR "nexpo_embed_migrations: ${owner} expects number ${expected}, but the next file is '${name}'")
        endif()
        math(EXPR expected "${expected} + 1")
        list(APPEND files "${file}")
    endforeach()

    set(output "${CMAKE_CURRENT_BINARY_DIR}/${owner}_migrations.cpp")
    # At configure time: a custom command is known only in its own directory, and the library stands above it.
    execute_process(COMMAND "${CMAKE_COMMAND}" "-DOWNER=${owner}" "-DFILES=${files}" "-DOUTPUT=${output}" -P
                            "${nexpo_embed_script}" COMMAND_ERROR_IS_FATAL ANY)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${files} "${nexpo_embed_script}")
    # A large migration is longer than the 64 KiB that -Wpedantic allows for a literal.
    set_source_files_properties(
        "${output}" TARGET_DIRECTORY nexpo_objects PROPERTIES GENERATED ON COMPILE_OPTIONS -Wno-overlength-strings)
    target_sources(nexpo_objects PRIVATE "${output}")
endfunction()
