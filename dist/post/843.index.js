export const id = 843;
export const ids = [843];
export const modules = {

/***/ 843:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

__webpack_require__.r(__webpack_exports__);
/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   endLeftSilences: () => (/* binding */ u)
/* harmony export */ });
/* harmony import */ var _rolldown_runtime_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(126);
/* harmony import */ var _inputs_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(224);
/* harmony import */ var _steps_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(821);
async function u(u,d=_inputs_js__WEBPACK_IMPORTED_MODULE_1__.x){let f=new _steps_js__WEBPACK_IMPORTED_MODULE_2__.c,p=e=>{let[{message:t=``,hint:r=``}={}]=(0,_inputs_js__WEBPACK_IMPORTED_MODULE_1__.q)(e);return{ended:[],failure:f.redact(`${t} ${r}`)}};try{let n=(0,_inputs_js__WEBPACK_IMPORTED_MODULE_1__.t)(u,_steps_js__WEBPACK_IMPORTED_MODULE_2__.t.map(e=>e.meta)),{request:i,secrets:o}=n;if(i.kind!==`ready`||i.config.mode===`plan`||!i.config.alerts.silence)return;f.add((0,_inputs_js__WEBPACK_IMPORTED_MODULE_1__.i)(o)),d((0,_inputs_js__WEBPACK_IMPORTED_MODULE_1__.a)(o));let m=(0,_steps_js__WEBPACK_IMPORTED_MODULE_2__.o)(n);if(!m)return;try{let{matchers:e}=i.config.alerts,{ended:t,left:n,cause:r}=await (0,_steps_js__WEBPACK_IMPORTED_MODULE_2__.i)({reader:m,writer:m},e,AbortSignal.timeout(5e3));return n.length>0?{...p((0,_steps_js__WEBPACK_IMPORTED_MODULE_2__.a)(n,r)),ended:t}:{ended:t}}finally{await m.close()}}catch(e){return p(e)}}

/***/ })

};
