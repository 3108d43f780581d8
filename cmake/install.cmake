# cmake --install puts libraries, headers, the executable, and the files a user touches where find_package finds them.
include(CMakePackageConfigHelpers)
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/tinynas)
install(TARGETS tinynas)
install(EXPORT tinynasTargets NAMESPACE tinynas:: DESTINATION ${package})
configure_package_config_file(cmake/tinynasConfig.cmake.in ${CMAKE_BINARY_DIR}/tinynasConfig.cmake
                              INSTALL_DESTINATION ${package} PATH_VARS TINYNAS_SHARE)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/tinynasConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/tinynasConfig.cmake ${CMAKE_BINARY_DIR}/tinynasConfigVersion.cmake
              cmake/package_files.cpp.in
        DESTINATION ${package})
install(FILES cmake/dependencies.cmake DESTINATION ${package} RENAME tinynasDependencies.cmake)
install(DIRECTORY include/tinynas DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY search_spaces configs DESTINATION ${TINYNAS_SHARE})
install(DIRECTORY src/engine/c/ DESTINATION ${TINYNAS_SHARE}/src/engine/c
        FILES_MATCHING PATTERN "*.c" PATTERN "*.h" PATTERN "*.ld*" PATTERN "*.S")
