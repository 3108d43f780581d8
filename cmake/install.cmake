# cmake --install puts libraries, headers, the executable, and the files a user touches where find_package finds them.
include(CMakePackageConfigHelpers)
get_property(modules GLOBAL PROPERTY TINYNAS_MODULES)
get_property(umbrellas GLOBAL PROPERTY TINYNAS_UMBRELLAS)
list(TRANSFORM modules PREPEND tinynas_m_ OUTPUT_VARIABLE module_targets)
install(TARGETS ${module_targets} ${umbrellas} EXPORT tinynasTargets)
if(TARGET tinynas_kernels)
  install(TARGETS tinynas_kernels EXPORT tinynasTargets)
endif()
if(TARGET tinynas)
  install(TARGETS tinynas)
endif()
install(EXPORT tinynasTargets NAMESPACE tinynas:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/tinynas)
configure_package_config_file(cmake/tinynasConfig.cmake.in ${CMAKE_BINARY_DIR}/tinynasConfig.cmake
                              INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/tinynas)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/tinynasConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/tinynasConfig.cmake ${CMAKE_BINARY_DIR}/tinynasConfigVersion.cmake
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/tinynas)
install(FILES cmake/dependencies.cmake DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/tinynas RENAME tinynasDependencies.cmake)
install(DIRECTORY include/tinynas DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY search_spaces configs DESTINATION ${CMAKE_INSTALL_DATADIR}/tinynas)
install(DIRECTORY src/engine/c/ DESTINATION ${CMAKE_INSTALL_DATADIR}/tinynas/src/engine/c
        FILES_MATCHING PATTERN "*.c" PATTERN "*.h" PATTERN "*.ld*" PATTERN "*.S")
