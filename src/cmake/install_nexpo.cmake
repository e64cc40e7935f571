# SPDX-License-Identifier: Apache-2.0
# The CMake package: `find_package(nexpo)` gives nexpo::nexpo, `find_package(nexpo COMPONENTS static)` nexpo::static.
# Only the static library needs the development packages of what Nexpo is made of; it has a target file of its own.
include(CMakePackageConfigHelpers)

set(nexpo_package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/nexpo")

install(TARGETS nexpo_headers EXPORT nexpo_headers FILE_SET HEADERS)
set(nexpo_exports headers)
if(NEXPO_BUILD_SHARED)
    install(TARGETS nexpo EXPORT nexpo_shared)
    list(APPEND nexpo_exports shared)
endif()
if(NEXPO_BUILD_STATIC)
    install(TARGETS nexpo_static EXPORT nexpo_static)
    list(APPEND nexpo_exports static)
endif()
foreach(export IN LISTS nexpo_exports)
    install(
        EXPORT nexpo_${export}
        NAMESPACE nexpo::
        FILE nexpo-${export}-targets.cmake
        DESTINATION "${nexpo_package_dir}")
endforeach()

configure_package_config_file(
    "${CMAKE_CURRENT_LIST_DIR}/nexpoConfig.cmake.in" "${PROJECT_BINARY_DIR}/nexpoConfig.cmake"
    INSTALL_DESTINATION "${nexpo_package_dir}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/nexpoConfigVersion.cmake" COMPATIBILITY SameMajorVersion)
install(FILES "${PROJECT_BINARY_DIR}/nexpoConfig.cmake" "${PROJECT_BINARY_DIR}/nexpoConfigVersion.cmake"
        DESTINATION "${nexpo_package_dir}")

if(NEXPO_BUILD_SHARED)
    # From the .pc file to the prefix, so that the installed tree may be moved.
    cmake_path(SET pc_dir NORMALIZE "/prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig")
    file(RELATIVE_PATH NEXPO_PC_PREFIX "${pc_dir}" "/prefix")
    configure_file("${CMAKE_CURRENT_LIST_DIR}/nexpo.pc.in" "${PROJECT_BINARY_DIR}/nexpo.pc" @ONLY)
    install(FILES "${PROJECT_BINARY_DIR}/nexpo.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
endif()
